"""The single writer: from commands to durable batches."""
