"""The order of work: command processor, queries, scheduler. No driver is imported here."""
