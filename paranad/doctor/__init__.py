"""The daemon's look at itself and at the world around it, for the doctor."""
