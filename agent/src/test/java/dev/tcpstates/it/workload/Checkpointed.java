// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it.workload;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Connects before and after a checkpoint; prints the kernel objects that are open at it. */
public final class Checkpointed {
  private Checkpointed() {}

  public static void main(String[] arguments) throws Exception {
    connect("before");
    System.out.println("attached " + kernelObjects());
    call("before");
    System.out.println("checkpoint " + kernelObjects());
    call("after");
    System.out.println("restored " + kernelObjects());
    connect("after");
  }

  private static void call(String method) throws ReflectiveOperationException {
    Class.forName("jdk.crac.Core").getMethod(method).invoke(null);
  }

  private static void connect(String label) throws IOException {
    try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        Socket client = new Socket(server.getInetAddress(), server.getLocalPort())) {
      System.out.println(label + " " + client.getLocalPort());
    }
  }

  private static int kernelObjects() throws IOException {
    int objects = 0;
    List<Path> descriptors;
    try (Stream<Path> files = Files.list(Path.of("/proc/self/fd"))) {
      descriptors = files.toList();
    }
    for (Path descriptor : descriptors) {
      try {
        String target = Files.readSymbolicLink(descriptor).toString();
        objects += target.startsWith("anon_inode:") && target.contains("bpf") ? 1 : 0;
      } catch (NoSuchFileException e) {
        // that of the listing
      }
    }
    return objects;
  }
}
