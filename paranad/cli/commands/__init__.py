"""The commands of paranadctl, a module for each group."""
