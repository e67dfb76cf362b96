"""The page: what paranadctl says, in a browser; a process of its own that asks the daemon over its control socket."""
