"""What everybody in the room looks at, scene by scene; measured in hundredths of the screen's width."""
