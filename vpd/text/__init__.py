"""What a short answer says: yes or no, a number, a date, an option, or a phrase."""
