"""Results of studies: tables for pandas, charts, and a summary for notebooks."""
