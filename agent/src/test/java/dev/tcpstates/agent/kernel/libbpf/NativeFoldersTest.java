// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.kernel.libbpf;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NativeFoldersTest {
  private static final String RESOURCE = "/dev/tcpstates/bpf/tcpstates.bpf.o";
  private static final String NAME = "x.so";

  @TempDir Path directory;
  private Path missing;
  private Path notAFolder;
  private Path good;
  private Path other;

  @BeforeEach
  void folders() throws IOException {
    missing = directory.resolve("missing");
    notAFolder = Files.createFile(directory.resolve("file"));
    good = Files.createDirectory(directory.resolve("good"));
    other = Files.createDirectory(directory.resolve("other"));
  }

  @Test
  void firstFolderThatCanBeWrittenTo() throws Exception {
    List<Path> loaded = new ArrayList<>();
    NativeFolders.unpack(
        RESOURCE,
        NAME,
        file -> {
          try (InputStream in = getClass().getResourceAsStream(RESOURCE)) {
            assertArrayEquals(in.readAllBytes(), Files.readAllBytes(file));
          }
          assertEquals(
              "rwx------",
              PosixFilePermissions.toString(Files.getPosixFilePermissions(file.getParent())));
          loaded.add(file);
        },
        List.of(missing, notAFolder, good, other));
    assertEquals(1, loaded.size());
    assertEquals(good, loaded.get(0).getParent().getParent());
    assertEquals(NAME, loaded.get(0).getFileName().toString());
    assertNothingLeft();
  }

  /** As the JVM reports a library on a noexec mount. */
  @Test
  void nextFolderWhereTheLibraryCannotBeLoaded() throws Exception {
    List<Path> loaded = new ArrayList<>();
    NativeFolders.unpack(
        RESOURCE,
        NAME,
        file -> {
          if (file.startsWith(good)) {
            throw new UnsatisfiedLinkError(file + ": failed to map segment from shared object");
          }
          loaded.add(file.getParent().getParent());
        },
        List.of(good, other));
    assertEquals(List.of(other), loaded);
    assertNothingLeft();
  }

  @Test
  void noFolder() throws IOException {
    BpfException e =
        assertThrows(
            BpfException.class,
            () ->
                NativeFolders.unpack(
                    RESOURCE,
                    NAME,
                    file -> {
                      if (file.startsWith(good)) {
                        throw new UnsatisfiedLinkError(
                            file + ": " + file + ": failed to map segment from shared object");
                      }
                      throw new IOException("No space left on device");
                    },
                    List.of(missing, notAFolder, good, other)));
    assertEquals(
        "the native library x.so can't be written to and loaded from "
            + missing
            + " (it does not exist), "
            + notAFolder
            + " (Not a directory), "
            + good
            + " (failed to map segment from shared object, as on a noexec mount), "
            + other
            + " (No space left on device); name a directory that allows both with"
            + " -Djava.io.tmpdir",
        e.getMessage());
    assertNothingLeft();
  }

  @Test
  void noSuchResource() throws IOException {
    BpfException e =
        assertThrows(
            BpfException.class,
            () -> NativeFolders.unpack("/nowhere", NAME, file -> {}, List.of(good)));
    assertEquals("the agent's jar has no x.so", e.getMessage());
    assertNothingLeft();
  }

  @ParameterizedTest
  @CsvSource({
    "0, 041777, 1000", // /tmp
    "0, 040777, 1000", // Kubernetes' emptyDir
    "0, 040755, 0",
    "1000, 040700, 1000",
    "65534, 041777, 1000", // /tmp in a user namespace
  })
  void safe(int owner, String mode, int self) {
    assertNull(NativeFolders.refusal(owner, Integer.parseInt(mode, 8), self));
  }

  @ParameterizedTest
  @CsvSource({"1001, 040777, 1000", "1001, 040755, 0", "1001, 040770, 1000"})
  void unsafe(int owner, String mode, int self) {
    String refusal = NativeFolders.refusal(owner, Integer.parseInt(mode, 8), self);
    assertEquals("it belongs to user 1001, who could replace the file", refusal);
  }

  @Test
  void folderOfAnotherUserIsNotUsed() throws Exception {
    assumeTrue((int) Files.getAttribute(directory, "unix:uid") == 0, "only root can give it away");
    Files.setAttribute(good, "unix:uid", 1001);
    List<Path> loaded = new ArrayList<>();
    NativeFolders.unpack(
        RESOURCE, NAME, file -> loaded.add(file.getParent().getParent()), List.of(good, other));
    assertEquals(List.of(other), loaded);
    assertNothingLeft();
  }

  @Test
  void foldersInTheirOrder() throws IOException {
    Path jars = Files.createDirectory(directory.resolve("jars"));
    assertEquals(
        Stream.of(other.toString(), "/dev/shm", "/run", "/var/tmp", jars.toString())
            .map(NativeFoldersTest::real)
            .distinct()
            .toList(),
        candidates(other, jars));
  }

  /** A link is followed once, before its target is judged. */
  @Test
  void linksAreFollowedAndFoldersTriedOnce() throws IOException {
    Path link = Files.createSymbolicLink(directory.resolve("link"), good);
    List<Path> candidates = candidates(link, good);
    assertEquals(good.toRealPath(), candidates.get(0));
    assertEquals(1, candidates.stream().filter(good.toRealPath()::equals).count());
    assertTrue(candidates.stream().noneMatch(Files::isSymbolicLink), candidates::toString);
  }

  @Test
  void whereOthersMayReplaceFilesComesLast() throws IOException {
    Files.setPosixFilePermissions(good, PosixFilePermissions.fromString("rwxrwxrwx"));
    List<Path> candidates = candidates(good, other);
    assertEquals(good.toRealPath(), candidates.get(candidates.size() - 1));
    assertTrue(candidates.indexOf(other.toRealPath()) >= 0, candidates::toString);
  }

  /** As is a name that the JVM's locale can't encode, such as one that is not ASCII in C. */
  @Test
  void whatIsNoPathIsPassedOver() throws IOException {
    List<Path> candidates = candidates("no\0path", other);
    assertEquals(real("/dev/shm"), candidates.get(0));
    assertTrue(candidates.contains(other.toRealPath()), candidates::toString);
  }

  private static List<Path> candidates(Path temp, Path jars) {
    return candidates(temp.toString(), jars);
  }

  private static List<Path> candidates(String temp, Path jars) {
    String before = System.getProperty("java.io.tmpdir");
    assertNotNull(before);
    System.setProperty("java.io.tmpdir", temp);
    NativeFolders.agentJar(jars.resolve("agent.jar"));
    try {
      return NativeFolders.candidates();
    } finally {
      System.setProperty("java.io.tmpdir", before);
      NativeFolders.agentJar(null);
    }
  }

  private static Path real(String folder) {
    try {
      return Path.of(folder).toRealPath();
    } catch (IOException e) {
      return Path.of(folder);
    }
  }

  private void assertNothingLeft() throws IOException {
    for (Path folder : List.of(good, other)) {
      try (Stream<Path> left = Files.list(folder)) {
        assertEquals(List.of(), left.toList());
      }
    }
  }

  /** SIGTERM while the agent starts. */
  @Test
  void aJvmThatEndsMeanwhileLeavesNothingBehind() throws Exception {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                EndWhileLoading.class.getName(),
                good.toString())
            .inheritIO()
            .start();
    assertTrue(process.waitFor(60, TimeUnit.SECONDS));
    assertEquals(128 + 15, process.exitValue());
    assertNothingLeft();
  }
}
