// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.kernel.libbpf;

import com.sun.jna.Native;
import com.sun.jna.Platform;
import dev.tcpstates.agent.libs.PrivateSystem;

/**
 * Loads JNA's native half. JNA can do that itself, but leaves a folder in the user's home, and asks
 * ldconfig, a process of its own, where libraries are. Thread-safe.
 */
public final class JnaLoader {
  /**
   * JNA makes this folder if it does not exist, and looks there for files that it left. This one
   * exists everywhere, and nothing of JNA's is in it.
   */
  private static final String NO_FILES_OF_JNA = "/";

  private static boolean unpacked;

  private JnaLoader() {}

  /**
   * Loads it, unless that has been done. To be called before anything else of JNA. The files that
   * it writes are deleted when it returns.
   *
   * @throws BpfException if there is no native half for this machine, or no folder to load it from
   */
  public static void load() throws BpfException {
    unpack();
    try {
      Native.getLastError();
    } catch (LinkageError e) {
      throw new BpfException(
          "JNA can't be used (" + e + "); please report this with your JDK's version");
    }
  }

  /**
   * Does of {@link #load} what writes files.
   *
   * @throws BpfException as by {@code load}
   */
  public static synchronized void unpack() throws BpfException {
    if (unpacked) {
      return;
    }
    String library = System.mapLibraryName("jnidispatch");
    String resource = "/com/sun/jna/" + Platform.RESOURCE_PREFIX + "/" + library;
    if (JnaLoader.class.getResource(resource) == null) {
      throw new BpfException(
          "there is no agent for " + Platform.RESOURCE_PREFIX + "; leave it out on this machine");
    }
    // By ourselves: after a failure, JNA could not try again in another folder.
    NativeFolders.unpack(resource, library, file -> PrivateSystem.load(file.toString()));
    // JNA asks the system then, and finds that it is loaded.
    PrivateSystem.setProperty("jna.nosys", "false");
    PrivateSystem.setProperty("jna.tmpdir", NO_FILES_OF_JNA);
    // Nowhere but where the system's own loader looks; any value saves a call of ldconfig.
    PrivateSystem.setProperty("jna.platform.library.path", "");
    unpacked = true;
  }

  /** The reason of the system's loader: JNA's first line only names the library. */
  static String brief(UnsatisfiedLinkError e) {
    return String.valueOf(e.getMessage()).lines().limit(2).reduce("", (first, last) -> last);
  }
}
