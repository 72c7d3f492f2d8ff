"""How the processes of one galaxy reach each other: within one process, or over Redis."""
