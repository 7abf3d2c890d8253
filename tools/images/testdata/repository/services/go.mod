module example.com/services

go 1.26.0
