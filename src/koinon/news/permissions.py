"""Who may write, publish, correct and withdraw news, write and release newsletters: rows N1, N2 and N4 of the table.

`seen_by` of the models says the same for lists. Anybody may follow (N3), and whoever holds the code of a private page may change
and stop what it shows: no right is asked for there.
"""
