from setuptools import setup

setup(name="letters", py_modules=["letters"], install_requires=["boto3"])
