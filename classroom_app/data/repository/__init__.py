"""Every query, by noun: functions that take a session. The caller owns the transaction."""
