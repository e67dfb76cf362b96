"""The shop's own database: the only room that knows its tables, its settings and its wall clock."""
