"""What is raised where no encoder answers."""


class Away(Exception):
    """No encoder is there, or it is slow, or it died. Search goes on by words; the argument says why, for the operator."""
