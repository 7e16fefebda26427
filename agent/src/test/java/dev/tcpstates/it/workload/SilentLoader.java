// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it.workload;

import java.io.IOException;
import java.io.InputStream;
import java.security.CodeSource;
import java.security.ProtectionDomain;
import java.security.cert.Certificate;
import java.util.jar.JarFile;

/** A system class loader that does not say where it has an agent's classes from. */
public final class SilentLoader extends ClassLoader {
  private String jar;

  /** As the JVM calls it. */
  public SilentLoader(ClassLoader parent) {
    super(parent);
  }

  /** Called by the JVM with the jar of each agent. */
  void appendToClassPathForInstrumentation(String file) {
    jar = file;
  }

  @Override
  protected Class<?> findClass(String name) throws ClassNotFoundException {
    try (JarFile file = new JarFile(jar);
        InputStream in = file.getInputStream(file.getJarEntry(name.replace('.', '/') + ".class"))) {
      byte[] bytes = in.readAllBytes();
      ProtectionDomain nowhere =
          new ProtectionDomain(new CodeSource(null, (Certificate[]) null), null);
      return defineClass(name, bytes, 0, bytes.length, nowhere);
    } catch (IOException | RuntimeException e) {
      throw new ClassNotFoundException(name, e);
    }
  }
}
