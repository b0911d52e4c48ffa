import click
import pgmini


@click.command()
@click.argument("name")
def main(name):
    click.echo(f"hello {name}, from libpq {pgmini.libpq_version() // 10000}")
