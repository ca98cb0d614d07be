"""The commands of `jaxcar`, a module each; each is imported when it is called."""
