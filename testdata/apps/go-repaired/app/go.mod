module example.org/authorities

go 1.24
