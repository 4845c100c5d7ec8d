"""Papers that other rooms' pages link to: the slip of a sale, household cards, the notice for the board."""
