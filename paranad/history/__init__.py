"""What the last days, hours and minutes brought, for the page's pictures."""
