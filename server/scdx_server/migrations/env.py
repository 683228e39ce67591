"""What Alembic runs: the migrations in ``versions``, over the connection that ``schema`` gives."""

from alembic import context

context.configure(connection=context.config.attributes["connection"])
with context.begin_transaction():
    context.run_migrations()
