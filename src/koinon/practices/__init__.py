"""The library: what worked and what did not, how it was judged, and where else it was taken over."""
