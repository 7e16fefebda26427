// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Has a JVM's calls of the kernel refused, by a small library that is preloaded into it and logs
 * these calls: see {@code refuse.c}.
 */
final class RefusedCalls {
  /** Stands for the keys of all {@code bpf()} calls. */
  static final String ALL_BPF = "bpf()";

  private static final List<String> COMPILERS = List.of("clang-19", "clang", "gcc", "cc");

  private final Path library;

  /** Compiles the library in this folder. */
  RefusedCalls(Path folder) throws IOException, InterruptedException {
    library = compile(folder, "refuse.c", "refuse.so", "-shared", "-fPIC", "-ldl");
  }

  /**
   * Makes the program {@code nobpf} in this folder: the kernel kills what it runs at a call of
   * {@code bpf()}.
   */
  static Path killer(Path folder) throws IOException, InterruptedException {
    return compile(folder, "nobpf.c", "nobpf");
  }

  private static Path compile(Path folder, String name, String result, String... arguments)
      throws IOException, InterruptedException {
    Path source = folder.resolve(name);
    Files.copy(RefusedCalls.class.getResourceAsStream(name), source);
    Path compiled = folder.resolve(result);
    List<String> command =
        new ArrayList<>(
            List.of(
                compiler(),
                "-O1",
                "-Wall",
                "-Werror",
                "-o",
                compiled.toString(),
                source.toString()));
    command.addAll(List.of(arguments));
    Tool.run(command.toArray(String[]::new)).ok();
    return compiled;
  }

  private static String compiler() {
    for (String compiler : COMPILERS) {
      if (Stream.of("/usr/bin", "/usr/local/bin")
          .anyMatch(folder -> Files.isExecutable(Path.of(folder, compiler)))) {
        return compiler;
      }
    }
    KernelTier.requireTools(COMPILERS.get(0));
    throw new AssertionError("a compiler that is there and not there");
  }

  /** Logs the calls of a JVM, and refuses none. */
  AgentJvm log(AgentJvm jvm, Path log) {
    return jvm.jvm(AgentJvm.NO_C2)
        .environment("LD_PRELOAD", library.toString())
        .environment("REFUSE_LOG", log.toString());
  }

  /**
   * Logs the calls of a JVM, and refuses those with one of these keys.
   *
   * @param errno what they fail with
   * @param keys keys of calls; {@link #ALL_BPF} is one
   */
  AgentJvm refuse(AgentJvm jvm, Path log, int errno, String... keys) {
    return log(jvm, log)
        .environment("REFUSE_KEYS", String.join(";", keys))
        .environment("REFUSE_ERRNO", Integer.toString(errno));
  }

  /**
   * Has each connect of a JVM to one of 200 ports fail in its system call.
   *
   * @param port a connect fails with the error number that is to be added to this to get its port
   */
  AgentJvm refuseConnects(AgentJvm jvm, int port) {
    return jvm.environment("LD_PRELOAD", library.toString())
        .environment("REFUSE_CONNECTS", Integer.toString(port));
  }

  /**
   * A call of the log.
   *
   * @param key what was called for what, such as {@code MAP_CREATE sockets}
   * @param result negative if it failed, and then the error's number
   * @param refused whether it failed because the library refused it
   */
  record Call(String key, long result, boolean refused) {
    /** The calls that a JVM has made, in their order. */
    static List<Call> read(Path log) throws IOException {
      return Files.readAllLines(log).stream().map(Call::of).toList();
    }

    private static Call of(String line) {
      String[] parts = line.split("\t");
      return new Call(
          parts[0], Long.parseLong(parts[1].split(" ")[0]), parts[1].endsWith(" refused"));
    }

    /** The call itself, such as {@code MAP_CREATE}. */
    String command() {
      return key.split(" ")[0];
    }

    /** Whether it is one of the commands of {@code bpf()}. */
    boolean isBpf() {
      return Character.isUpperCase(key.charAt(0));
    }

    /** The map or program, its name cut to 15 characters, or an empty string. */
    String subject() {
      String[] words = key.split(" ");
      return words.length < 2 ? "" : words[1].split("/")[0];
    }
  }
}
