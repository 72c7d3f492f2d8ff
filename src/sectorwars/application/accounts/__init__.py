"""Players' accounts: opening one, signing in, staying signed in."""
