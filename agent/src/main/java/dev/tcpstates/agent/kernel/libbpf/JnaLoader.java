// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.kernel.libbpf;

import com.sun.jna.Native;
import com.sun.jna.Platform;
import dev.tcpstates.agent.libs.PrivateSystem;
import java.nio.file.Path;

/**
 * Loads JNA's native half. JNA can do that itself, but leaves a folder in the user's home, and asks
 * ldconfig, a process of its own, where libraries are. Thread-safe.
 */
public final class JnaLoader {
  private static boolean loaded;

  private JnaLoader() {}

  /**
   * Loads it, unless that has been done. To be called before anything else of JNA. The files that
   * it writes are deleted when it returns.
   *
   * @throws BpfException if there is no native half for this machine, or no folder to load it from
   */
  public static synchronized void load() throws BpfException {
    if (loaded) {
      return;
    }
    String library = System.mapLibraryName("jnidispatch");
    String resource = "/com/sun/jna/" + Platform.RESOURCE_PREFIX + "/" + library;
    if (Native.class.getResource(resource) == null) {
      throw new BpfException(
          "there is no agent for " + Platform.RESOURCE_PREFIX + "; leave it out on this machine");
    }
    NativeFolders.unpack(resource, library, JnaLoader::load);
    loaded = true;
  }

  private static void load(Path library) {
    // First by ourselves: after a failure, JNA could not try again in another folder.
    PrivateSystem.load(library.toString());
    String folder = library.getParent().toString();
    PrivateSystem.setProperty("jna.boot.library.path", folder);
    PrivateSystem.setProperty("jna.tmpdir", folder);
    // Nowhere but where the system's own loader looks; any value saves a call of ldconfig.
    PrivateSystem.setProperty("jna.platform.library.path", "");
    Native.getLastError();
  }

  /** The reason of the system's loader: JNA's first line only names the library. */
  static String brief(UnsatisfiedLinkError e) {
    return String.valueOf(e.getMessage()).lines().limit(2).reduce("", (first, last) -> last);
  }
}
