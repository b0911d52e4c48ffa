package app;

import java.nio.file.Files;
import java.nio.file.Path;

/** Prints how many lines a file has. */
public class Words {
    public static void main(String[] args) throws Exception {
        System.out.println(Files.readAllLines(Path.of(args[0])).size() + " words");
    }
}
