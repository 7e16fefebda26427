// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.bpf;

import com.sun.jna.Native;
import com.sun.jna.Platform;
import dev.tcpstates.agent.libs.PrivateSystem;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/**
 * Loads JNA's native half. JNA can do that itself, but leaves a folder in the user's home, and asks
 * ldconfig, a process of its own, where libraries are.
 */
public final class JnaLoader {
  private JnaLoader() {}

  /**
   * To be called before anything else of JNA. What it writes is gone when it returns.
   *
   * @throws BpfException if there is no native half for this machine, or no place to load it from
   */
  public static void load() throws BpfException {
    String library = System.mapLibraryName("jnidispatch");
    String resource = "/com/sun/jna/" + Platform.RESOURCE_PREFIX + "/" + library;
    Path temp = Path.of(System.getProperty("java.io.tmpdir"));
    try (InputStream in = Native.class.getResourceAsStream(resource)) {
      if (in == null) {
        throw new BpfException(
            "there is no agent for " + Platform.RESOURCE_PREFIX + "; leave it out on this machine");
      }
      Path folder = folderIn(temp);
      try {
        // Not Files.copy: a channel loads the JDK's network library, which reads
        // java.net.preferIPv4Stack once and for all, before the application could set it.
        try (FileOutputStream out = new FileOutputStream(folder.resolve(library).toFile())) {
          in.transferTo(out);
        }
        PrivateSystem.setProperty("jna.boot.library.path", folder.toString());
        PrivateSystem.setProperty("jna.tmpdir", folder.toString());
        // Nowhere but where the system's own loader looks; any value saves a call of ldconfig.
        PrivateSystem.setProperty("jna.platform.library.path", "");
        Native.getLastError();
      } finally {
        delete(folder);
      }
    } catch (IOException | LinkageError e) {
      throw new BpfException(
          "JNA's native library can't be written to and loaded from "
              + temp
              + " ("
              + e
              + "); name a directory that allows both with -Djava.io.tmpdir");
    }
  }

  /**
   * Not createTempDirectory: that starts SecureRandom, which is the application's to configure. A
   * name that is taken is an error, and no other's folder.
   */
  private static Path folderIn(Path temp) throws IOException {
    return Files.createDirectory(
        temp.resolve("tcpstates-" + System.nanoTime() + "-" + System.identityHashCode(temp)),
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
  }

  private static void delete(Path folder) throws IOException {
    String[] files = folder.toFile().list();
    if (files != null) {
      for (String file : files) {
        Files.deleteIfExists(folder.resolve(file));
      }
    }
    Files.delete(folder);
  }
}
