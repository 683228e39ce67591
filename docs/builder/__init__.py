"""The documentation as a site: Markdown files, and pages made from the standard's own files."""
