"""Agents: migrants, organisations, Border Patrol and Mexican forces, and the laws they follow."""
