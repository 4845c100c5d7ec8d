"""Papers of benefits: who is entitled and why, to sign on or as a sheet; the interest-rate letter to a bank."""
