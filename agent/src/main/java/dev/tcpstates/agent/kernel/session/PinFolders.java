// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.kernel.session;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;

/** The folders in a BPF file system that hold the pins, one for each version of the programs. */
public final class PinFolders {
  /** Where the pins are if nothing else is said. */
  public static final Path DEFAULT = Path.of("/sys/fs/bpf/tcpstates");

  private static final String UNFINISHED = "unfinished";
  private static final String TYPE = "bpf";
  private static final int VERSION_BYTES = 6;

  private PinFolders() {}

  /** The name of a version: two releases with the same programs have the same. */
  static String version(ByteBuffer image) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(image.duplicate());
      return HexFormat.of().formatHex(digest.digest(), 0, VERSION_BYTES);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // each Java has it
    }
  }

  /**
   * Makes the folder, for its owner alone.
   *
   * @throws IOException if it is in no BPF file system, or can't be made
   */
  static void make(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      Path parent = folder.toAbsolutePath().getParent();
      requireBpf(parent);
      Files.createDirectory(folder, owners());
    }
    requireBpf(folder);
  }

  /** Says why pins can't be in a folder; {@code null} if they can. */
  public static String problem(Path folder) {
    Path place = Files.isDirectory(folder) ? folder : folder.toAbsolutePath().getParent();
    try {
      requireBpf(place);
    } catch (IOException e) {
      return e instanceof NoBpfFileSystem ? e.getMessage() : "there is no " + place;
    }
    return Files.isWritable(place) ? null : place + " can't be written to";
  }

  private static void requireBpf(Path folder) throws IOException {
    String type = Files.getFileStore(folder).type();
    if (!type.equals(TYPE)) {
      throw new NoBpfFileSystem(folder + " is in a file system of type " + type);
    }
  }

  private static final class NoBpfFileSystem extends IOException {
    private static final long serialVersionUID = 1L;

    NoBpfFileSystem(String message) {
      super(message);
    }
  }

  /** Says in one line what is wrong and what to do about it. */
  static String explain(Path folder, IOException e) {
    return e instanceof NoBpfFileSystem || e instanceof NoSuchFileException
        ? "the programs can't be pinned in "
            + folder
            + ": "
            + e.getMessage()
            + "; mount a BPF file system there: mount -t bpf bpf /sys/fs/bpf"
        : "the programs can't be pinned in " + folder + " (" + e + "); run as the folder's owner";
  }

  /** Makes an empty folder for pins that are not complete yet. */
  static Path unfinished(Path folder) throws IOException {
    Path unfinished = folder.resolve(UNFINISHED);
    removeVersion(unfinished);
    return Files.createDirectory(unfinished, owners());
  }

  private static FileAttribute<?> owners() {
    return PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
  }

  /** The folders of all versions. */
  static List<Path> versions(Path folder) throws IOException {
    return list(folder);
  }

  private static List<Path> list(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> entries = Files.list(folder)) {
      return new ArrayList<>(entries.toList());
    }
  }

  /** Removes the pins of a version whose names begin so. */
  static void removePins(Path version, String start) throws IOException {
    for (Path pin : list(version)) {
      if (pin.getFileName().toString().startsWith(start)) {
        Files.delete(pin);
      }
    }
  }

  /** Removes the pins of a version: what nobody else holds ends with them. */
  static void removeVersion(Path version) throws IOException {
    for (Path pin : list(version)) {
      Files.delete(pin);
    }
    Files.deleteIfExists(version);
  }

  /**
   * Removes all pins, and the folder.
   *
   * @return whether there were any
   */
  static boolean removeAll(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      return false;
    }
    requireBpf(folder);
    for (Path version : list(folder)) {
      removeVersion(version);
    }
    Files.delete(folder);
    return true;
  }
}
