"""Every sentence of paranadctl in Arabic."""
