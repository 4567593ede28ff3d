print("a package of the inputs beside it")
