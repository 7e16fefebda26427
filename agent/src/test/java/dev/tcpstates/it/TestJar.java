// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;

/** Makes a jar of a few of the tests' classes. */
final class TestJar {
  private TestJar() {}

  static Path of(Path file, Class<?>... classes) throws IOException {
    return of(file, new Manifest(), classes);
  }

  /** The jar of an agent that does nothing, but has the abilities of ours. */
  static Path ofAgent(Path file, Class<?> premain) throws IOException {
    Manifest manifest = new Manifest();
    Attributes attributes = manifest.getMainAttributes();
    attributes.putValue("Premain-Class", premain.getName());
    attributes.putValue("Can-Redefine-Classes", "true");
    attributes.putValue("Can-Retransform-Classes", "true");
    attributes.putValue("Can-Set-Native-Method-Prefix", "true");
    return of(file, manifest, premain);
  }

  private static Path of(Path file, Manifest manifest, Class<?>... classes) throws IOException {
    manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
    try (OutputStream to = Files.newOutputStream(file);
        JarOutputStream out = new JarOutputStream(to, manifest)) {
      for (Class<?> one : classes) {
        String name = one.getName().replace('.', '/') + ".class";
        out.putNextEntry(new JarEntry(name));
        try (InputStream in = one.getClassLoader().getResourceAsStream(name)) {
          in.transferTo(out);
        }
      }
    }
    return file;
  }
}
