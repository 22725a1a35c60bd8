"""What happens when processes are killed, lines are cut, the same is sent twice, and the disk is full."""
