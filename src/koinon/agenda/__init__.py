"""Sessions: what is announced, who registers, and the calendar; not the hour itself, which is the room's."""
