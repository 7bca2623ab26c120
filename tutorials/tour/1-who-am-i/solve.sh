#!/bin/sh
id > ~/whoami
