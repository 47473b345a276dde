"""What the suites stand on: a PostgreSQL of their own, a clock to move, companies to load."""
