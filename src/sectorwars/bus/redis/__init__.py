"""The bus over Redis: commands on one bounded Stream, events and answers by Pub/Sub."""
