"""The pages: each a function from a view to what stands in its `<main>`."""
