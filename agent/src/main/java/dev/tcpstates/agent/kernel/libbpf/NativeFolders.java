// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.kernel.libbpf;

import dev.tcpstates.agent.log.Loggers;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;

/**
 * Unpacks native libraries of the agent's jar for the moment in which they are loaded, into the
 * first folder that allows that: {@code java.io.tmpdir} may be read-only, full or mounted noexec.
 * Thread-safe.
 */
public final class NativeFolders {
  private static final Logger LOG = Loggers.of(NativeFolders.class);

  private static final List<String> COMMON = List.of("/dev/shm", "/run", "/var/tmp");

  private static final int STICKY = 01000;
  private static final int WRITABLE_BY_OTHERS = 022;
  private static final int ROOT = 0;

  private static volatile Path agentJar;

  private NativeFolders() {}

  /** Loads a library from a file that is there only for this call. */
  interface Loading {
    /**
     * @throws LinkageError if the file can't be loaded from where it is
     */
    void load(Path file) throws IOException;
  }

  /**
   * Says where the agent's jar is. Its folder is the last one that is tried.
   *
   * @param jar the agent's own jar
   */
  public static void agentJar(Path jar) {
    agentJar = jar;
  }

  /**
   * Writes a resource to a file and loads it, in the first folder where both succeed. Neither the
   * file nor a folder remains, whether it succeeds or not.
   *
   * @param resource the absolute name of the resource
   * @param name the name of the file
   * @throws BpfException if there is no such resource, or no such folder; names each folder and why
   */
  static void unpack(String resource, String name, Loading loading) throws BpfException {
    unpack(resource, name, loading, candidates());
  }

  static void unpack(String resource, String name, Loading loading, List<Path> candidates)
      throws BpfException {
    Map<Path, String> failures = new LinkedHashMap<>();
    for (Path candidate : candidates) {
      String failure;
      try {
        failure = unpackInto(candidate, resource, name, loading);
      } catch (IOException | LinkageError e) {
        failure = reason(e);
      }
      if (failure == null) {
        LOG.debug("{} was loaded from {}", name, candidate);
        return;
      }
      LOG.debug("{} can't be loaded from {} ({})", name, candidate, failure);
      failures.put(candidate, failure);
    }
    List<String> each = new ArrayList<>();
    failures.forEach((folder, failure) -> each.add(folder + " (" + failure + ")"));
    throw new BpfException(
        "the native library "
            + name
            + " can't be written to and loaded from "
            + String.join(", ", each)
            + "; name a directory that allows both with -Djava.io.tmpdir");
  }

  /**
   * Returns the folders in the order in which they are tried, each once. Those in which other users
   * may replace files come last: Kubernetes' emptyDir is such a folder, and often the only one.
   */
  static List<Path> candidates() {
    List<String> names = new ArrayList<>();
    names.add(System.getProperty("java.io.tmpdir"));
    names.addAll(COMMON);
    Path jar = agentJar;
    if (jar != null && jar.toAbsolutePath().getParent() != null) {
      names.add(jar.toAbsolutePath().getParent().toString());
    }
    Set<Path> safe = new LinkedHashSet<>();
    Set<Path> open = new LinkedHashSet<>();
    for (String name : names) {
      try {
        Path folder = real(Path.of(name));
        (isOpenToOthers(folder) ? open : safe).add(folder);
      } catch (InvalidPathException e) {
        // Such as a name that is not ASCII in the locale C.
        LOG.debug("{} is not used: {}", name, e.getMessage());
      }
    }
    safe.addAll(open);
    return List.copyOf(safe);
  }

  /** Resolved once, so that what is looked at and what is used are the same. */
  private static Path real(Path folder) {
    try {
      return folder.toRealPath();
    } catch (IOException e) {
      return folder.toAbsolutePath();
    }
  }

  private static boolean isOpenToOthers(Path folder) {
    try {
      int mode = (int) Files.getAttribute(folder, "unix:mode");
      return (mode & WRITABLE_BY_OTHERS) != 0 && (mode & STICKY) == 0;
    } catch (IOException e) {
      return false; // It is of no use anyway, and unpackInto says why.
    }
  }

  /**
   * Returns why the folder must not be used, or {@code null}. Whoever owns it can put another file
   * in place of ours, unless that is this user or root. A sticky folder of somebody else is let
   * pass: in a user namespace, it is root's, who has no number there.
   *
   * @param owner its owner's user id
   * @param mode its mode, as in {@code struct stat}
   * @param self this process's user id
   */
  static String refusal(int owner, int mode, int self) {
    return owner == ROOT || owner == self || (mode & STICKY) != 0
        ? null
        : "it belongs to user " + owner + ", who could replace the file";
  }

  private static String unpackInto(Path parent, String resource, String name, Loading loading)
      throws IOException, BpfException {
    Object unpacking = new Object();
    Thread end = new Thread(() -> await(unpacking), "tcpstates unpacking");
    synchronized (unpacking) {
      try {
        Runtime.getRuntime().addShutdownHook(end);
      } catch (IllegalStateException e) {
        throw new BpfException("the JVM is ending");
      }
      try {
        return unpackUndisturbed(parent, resource, name, loading);
      } finally {
        forget(end);
      }
    }
  }

  /** A JVM that ends meanwhile, by a signal for example, waits until the files are deleted. */
  private static void await(Object unpacking) {
    synchronized (unpacking) {
      // nothing to do: whoever gets here has waited
    }
  }

  private static void forget(Thread end) {
    try {
      Runtime.getRuntime().removeShutdownHook(end);
    } catch (IllegalStateException e) {
      // It runs.
    }
  }

  private static String unpackUndisturbed(
      Path parent, String resource, String name, Loading loading) throws IOException, BpfException {
    Path folder = createFolder(parent);
    try {
      String refusal =
          refusal(
              (int) Files.getAttribute(parent, "unix:uid"),
              (int) Files.getAttribute(parent, "unix:mode"),
              // There is no getuid before there is JNA.
              (int) Files.getAttribute(folder, "unix:uid"));
      if (refusal != null) {
        return refusal;
      }
      Path file = folder.resolve(name);
      write(resource, file);
      loading.load(file);
      return null;
    } finally {
      delete(folder);
    }
  }

  /**
   * Not createTempDirectory: that starts SecureRandom, which is the application's to configure. A
   * name that is taken is an error, and no other's folder.
   */
  private static Path createFolder(Path parent) throws IOException {
    return Files.createDirectory(
        parent.resolve("tcpstates-" + System.nanoTime() + "-" + System.identityHashCode(parent)),
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
  }

  /**
   * Not Files.copy: a channel loads the JDK's network library, which reads java.net.preferIPv4Stack
   * once and for all, before the application could set it.
   */
  private static void write(String resource, Path file) throws IOException, BpfException {
    try (InputStream in = NativeFolders.class.getResourceAsStream(resource)) {
      if (in == null) {
        throw new BpfException("the agent's jar has no " + file.getFileName());
      }
      try (FileOutputStream out = new FileOutputStream(file.toFile())) {
        in.transferTo(out);
      }
    }
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

  /** In few words, without the path, which the message has already. */
  private static String reason(Throwable failure) {
    if (failure instanceof NoSuchFileException) {
      return "it does not exist";
    }
    if (failure instanceof AccessDeniedException) {
      return "permission denied";
    }
    if (failure instanceof FileSystemException e && e.getReason() != null) {
      return e.getReason();
    }
    String text =
        failure instanceof UnsatisfiedLinkError e && e.getMessage().contains("\n")
            ? JnaLoader.brief(e)
            : String.valueOf(failure.getMessage());
    // The system's loader puts the path first.
    text = text.substring(text.lastIndexOf(": ") < 0 ? 0 : text.lastIndexOf(": ") + 2);
    return text.startsWith("failed to map segment") ? text + ", as on a noexec mount" : text;
  }
}
