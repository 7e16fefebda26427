// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it;

import java.io.IOException;
import java.net.URI;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import net.bytebuddy.jar.asm.ClassReader;
import net.bytebuddy.jar.asm.ClassWriter;
import net.bytebuddy.jar.asm.Opcodes;
import net.bytebuddy.jar.asm.commons.ClassRemapper;
import net.bytebuddy.jar.asm.commons.Remapper;

/** Makes the classes of a JDK in which a method of its sockets has another name. */
final class RenamedMethod {
  private static final List<String> PACKAGES = List.of("java/net", "sun/nio/ch", "sun/net");

  private RenamedMethod() {}

  /**
   * Renames a method, wherever it is declared or called.
   *
   * @param parameters how its descriptor starts
   * @return the JVM's argument
   */
  static String in(Jdk jdk, String name, String parameters, Path folder) throws IOException {
    try (FileSystem image =
        FileSystems.newFileSystem(
            URI.create("jrt:/"), Map.of("java.home", jdk.home().toString()))) {
      Path base = image.getPath("modules", "java.base");
      int changed = 0;
      for (String inPackage : PACKAGES) {
        for (Path file : classes(base.resolve(inPackage))) {
          ClassReader reader = new ClassReader(Files.readAllBytes(file));
          ClassWriter writer = new ClassWriter(0);
          Renamer renamer = new Renamer(name, parameters);
          reader.accept(new ClassRemapper(writer, renamer), 0);
          if (renamer.used) {
            Path copy = folder.resolve(base.relativize(file).toString());
            Files.createDirectories(copy.getParent());
            Files.write(copy, writer.toByteArray());
            changed++;
          }
        }
      }
      if (changed < 2) {
        throw new IllegalStateException(changed + " classes with " + name + parameters);
      }
    }
    return "--patch-module=java.base=" + folder;
  }

  private static List<Path> classes(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(file -> file.toString().endsWith(".class")).toList();
    }
  }

  private static final class Renamer extends Remapper {
    private final String name;
    private final String parameters;
    private boolean used;

    Renamer(String name, String parameters) {
      super(Opcodes.ASM9);
      this.name = name;
      this.parameters = parameters;
    }

    @Override
    public String mapMethodName(String owner, String method, String descriptor) {
      if (method.equals(name) && descriptor.startsWith(parameters)) {
        used = true;
        return "renamed" + name;
      }
      return method;
    }
  }
}
