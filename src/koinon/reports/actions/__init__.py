"""What can be done with the log and with reports. Views and the clock all come through here."""
