// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.weave;

import dev.tcpstates.agent.boot.SocketHooks;
import dev.tcpstates.agent.boot.TaskHooks;
import java.util.List;
import net.bytebuddy.jar.asm.ClassWriter;
import net.bytebuddy.jar.asm.MethodVisitor;
import net.bytebuddy.jar.asm.Opcodes;
import net.bytebuddy.jar.asm.Type;

/**
 * A class in a package of the JDK that calls {@link SocketHooks} and {@link TaskHooks}. A class
 * loader, such as those of OSGi and JBoss Modules, may hide from an application what the boot
 * loader has, but not the packages that begin with {@code java}.
 */
final class Relay {
  /** Its internal name. */
  static final String NAME = "java/net/TcpStatesRelay";

  /** A method of the hooks that it calls, by a method of the same name and descriptor. */
  private record Call(Class<?> owner, String name, String descriptor) {}

  private final BootDefiner definer;
  private boolean defined;

  Relay(BootDefiner definer) {
    this.definer = definer;
  }

  /** Defines the class, if it is not yet. */
  synchronized void define() throws Exception {
    if (!defined) {
      SocketHooks.relay(definer.define(NAME.replace('/', '.'), classFile()));
      defined = true;
    }
  }

  private static List<Call> calls() {
    return List.of(
        new Call(SocketHooks.class, "nettySocket", "(I)V"),
        new Call(SocketHooks.class, "nettyAccepted", "(I)V"),
        new Call(SocketHooks.class, "nettyConnect", "(IILjava/net/SocketAddress;)V"),
        new Call(TaskHooks.class, "submitted", "(Ljava/lang/Object;)V"),
        new Call(TaskHooks.class, "running", "(Ljava/lang/Object;)V"),
        new Call(TaskHooks.class, "ended", "()V"));
  }

  private static byte[] classFile() {
    ClassWriter type = new ClassWriter(ClassWriter.COMPUTE_MAXS);
    type.visit(
        Opcodes.V17,
        Opcodes.ACC_PUBLIC | Opcodes.ACC_FINAL | Opcodes.ACC_SUPER,
        NAME,
        null,
        "java/lang/Object",
        null);
    for (Call call : calls()) {
      MethodVisitor method =
          type.visitMethod(
              Opcodes.ACC_PUBLIC | Opcodes.ACC_STATIC, call.name, call.descriptor, null, null);
      method.visitCode();
      int slot = 0;
      for (Type argument : Type.getArgumentTypes(call.descriptor)) {
        method.visitVarInsn(argument.getOpcode(Opcodes.ILOAD), slot);
        slot += argument.getSize();
      }
      method.visitMethodInsn(
          Opcodes.INVOKESTATIC,
          Type.getInternalName(call.owner),
          call.name,
          call.descriptor,
          false);
      method.visitInsn(Opcodes.RETURN);
      method.visitMaxs(0, 0);
      method.visitEnd();
    }
    type.visitEnd();
    return type.toByteArray();
  }
}
