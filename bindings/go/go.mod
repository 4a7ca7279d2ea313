module hawser

go 1.19
