from setuptools import setup

setup(
    name="greet",
    version="1.0",
    packages=["greet"],
    install_requires=["flask==2.2.2"],
    data_files=[("share/greet", ["share/words.ini"])],
    entry_points={"console_scripts": ["greet=greet:main"]},
)
