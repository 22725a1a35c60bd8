"""What a centre and the network did: the activity log, the periodic report, the overview of figures, unmet demand."""
