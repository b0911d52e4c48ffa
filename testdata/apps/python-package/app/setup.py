from setuptools import setup

setup(
    name="greet",
    version="1.0",
    packages=["greet"],
    install_requires=["click==8.1.3", "pgmini==1.0"],
    entry_points={"console_scripts": ["greet=greet:main"]},
)
