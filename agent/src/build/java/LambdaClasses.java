// SPDX-License-Identifier: Apache-2.0
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import net.bytebuddy.jar.asm.ClassReader;
import net.bytebuddy.jar.asm.ClassVisitor;
import net.bytebuddy.jar.asm.ClassWriter;
import net.bytebuddy.jar.asm.Handle;
import net.bytebuddy.jar.asm.MethodVisitor;
import net.bytebuddy.jar.asm.Opcodes;
import net.bytebuddy.jar.asm.Type;

/**
 * Makes a class file of each lambda expression and method reference in class files. The JVM makes
 * these classes at run time otherwise, which takes most of the CPU time of the agent's start.
 *
 * <p>Run by the build, as a source file: the arguments are folders of class files.
 */
final class LambdaClasses {
  private static final int API = Opcodes.ASM9;
  private static final Type OBJECT = Type.getObjectType("java/lang/Object");

  /** A primitive type with the class that boxes it and the method that unboxes it. */
  private record Box(Type primitive, Type type, String unbox) {}

  private static final List<Box> BOXES =
      List.of(
          new Box(Type.BOOLEAN_TYPE, Type.getType(Boolean.class), "booleanValue"),
          new Box(Type.BYTE_TYPE, Type.getType(Byte.class), "byteValue"),
          new Box(Type.CHAR_TYPE, Type.getType(Character.class), "charValue"),
          new Box(Type.SHORT_TYPE, Type.getType(Short.class), "shortValue"),
          new Box(Type.INT_TYPE, Type.getType(Integer.class), "intValue"),
          new Box(Type.LONG_TYPE, Type.getType(Long.class), "longValue"),
          new Box(Type.FLOAT_TYPE, Type.getType(Float.class), "floatValue"),
          new Box(Type.DOUBLE_TYPE, Type.getType(Double.class), "doubleValue"));

  private final Map<String, byte[]> classes = new TreeMap<>();

  /** What is added to the nest of a class, which lets it call private methods. */
  private final Map<String, List<String>> added = new HashMap<>();

  private LambdaClasses() {}

  public static void main(String[] folders) throws IOException {
    for (String folder : folders) {
      LambdaClasses all = new LambdaClasses();
      all.replace(Path.of(folder));
    }
  }

  private void replace(Path folder) throws IOException {
    Map<Path, byte[]> given = new TreeMap<>();
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.filter(path -> path.toString().endsWith(".class")).toList()) {
        given.put(file, Files.readAllBytes(file));
      }
    }
    Map<String, Path> places = new HashMap<>();
    given.forEach(
        (file, bytes) -> {
          ClassReader reader = new ClassReader(bytes);
          ClassWriter writer = new ClassWriter(0);
          reader.accept(new Lambdas(writer), 0);
          classes.put(reader.getClassName(), writer.toByteArray());
          places.put(reader.getClassName(), file.getParent());
        });
    added.forEach((host, members) -> classes.put(host, withNest(classes.get(host), members)));
    for (Map.Entry<String, byte[]> type : classes.entrySet()) {
      String name = type.getKey();
      String outer = name.contains("$Lambda") ? name.substring(0, name.indexOf("$Lambda")) : name;
      String file = name.substring(name.lastIndexOf('/') + 1) + ".class";
      Files.write(places.get(outer).resolve(file), type.getValue());
    }
  }

  private static byte[] withNest(byte[] host, List<String> members) {
    ClassWriter writer = new ClassWriter(0);
    new ClassReader(host)
        .accept(
            new ClassVisitor(API, writer) {
              @Override
              public void visitEnd() {
                members.forEach(this::visitNestMember);
                super.visitEnd();
              }
            },
            0);
    return writer.toByteArray();
  }

  /** Replaces the lambdas of one class. */
  private final class Lambdas extends ClassVisitor {
    private String name;
    private String host;
    private int count;

    Lambdas(ClassVisitor writer) {
      super(API, writer);
    }

    @Override
    public void visit(
        int version, int access, String type, String signature, String above, String[] interfaces) {
      name = type;
      host = type;
      super.visit(version, access, type, signature, above, interfaces);
    }

    @Override
    public void visitNestHost(String nestHost) {
      host = nestHost;
      super.visitNestHost(nestHost);
    }

    @Override
    public MethodVisitor visitMethod(
        int access, String method, String descriptor, String signature, String[] exceptions) {
      return new MethodVisitor(
          API, super.visitMethod(access, method, descriptor, signature, exceptions)) {
        @Override
        public void visitInvokeDynamicInsn(
            String called, String type, Handle bootstrap, Object... arguments) {
          if (bootstrap.getOwner().equals("java/lang/invoke/LambdaMetafactory")
              && bootstrap.getName().equals("metafactory")) {
            String lambda = name + "$Lambda" + ++count;
            classes.put(lambda, lambda(lambda, host, called, type, arguments));
            added.computeIfAbsent(host, key -> new ArrayList<>()).add(lambda);
            if (Type.getArgumentTypes(type).length == 0) {
              super.visitFieldInsn(
                  Opcodes.GETSTATIC, lambda, "IT", Type.getReturnType(type).getDescriptor());
            } else {
              super.visitMethodInsn(Opcodes.INVOKESTATIC, lambda, "of", type, false);
            }
          } else {
            super.visitInvokeDynamicInsn(called, type, bootstrap, arguments);
          }
        }
      };
    }
  }

  /**
   * Returns the class of a lambda.
   *
   * @param called the method of the interface
   * @param type the types of what the lambda holds, and the interface
   * @param arguments the erased type of the method, what it calls, and its type
   */
  private static byte[] lambda(
      String name, String host, String called, String type, Object[] arguments) {
    Type held = Type.getMethodType(type);
    ClassWriter writer = new ClassWriter(ClassWriter.COMPUTE_MAXS);
    writer.visit(
        Opcodes.V17,
        Opcodes.ACC_FINAL | Opcodes.ACC_SUPER | Opcodes.ACC_SYNTHETIC,
        name,
        null,
        OBJECT.getInternalName(),
        new String[] {held.getReturnType().getInternalName()});
    writer.visitNestHost(host);
    constructor(writer, name, held);
    method(
        writer,
        name,
        held,
        called,
        (Type) arguments[0],
        (Handle) arguments[1],
        (Type) arguments[2]);
    writer.visitEnd();
    return writer.toByteArray();
  }

  private static void constructor(ClassWriter writer, String name, Type held) {
    Type[] fields = held.getArgumentTypes();
    String constructor = Type.getMethodDescriptor(Type.VOID_TYPE, fields);
    MethodVisitor init = writer.visitMethod(Opcodes.ACC_PRIVATE, "<init>", constructor, null, null);
    init.visitCode();
    init.visitVarInsn(Opcodes.ALOAD, 0);
    init.visitMethodInsn(Opcodes.INVOKESPECIAL, OBJECT.getInternalName(), "<init>", "()V", false);
    int slot = 1;
    for (int i = 0; i < fields.length; i++) {
      String field = fields[i].getDescriptor();
      writer
          .visitField(Opcodes.ACC_PRIVATE | Opcodes.ACC_FINAL, "held" + i, field, null, null)
          .visitEnd();
      init.visitVarInsn(Opcodes.ALOAD, 0);
      init.visitVarInsn(fields[i].getOpcode(Opcodes.ILOAD), slot);
      init.visitFieldInsn(Opcodes.PUTFIELD, name, "held" + i, field);
      slot += fields[i].getSize();
    }
    end(init, Opcodes.RETURN);

    boolean single = fields.length == 0;
    MethodVisitor maker =
        single
            ? writer.visitMethod(Opcodes.ACC_STATIC, "<clinit>", "()V", null, null)
            : writer.visitMethod(Opcodes.ACC_STATIC, "of", held.getDescriptor(), null, null);
    maker.visitCode();
    maker.visitTypeInsn(Opcodes.NEW, name);
    maker.visitInsn(Opcodes.DUP);
    slot = 0;
    for (Type field : fields) {
      maker.visitVarInsn(field.getOpcode(Opcodes.ILOAD), slot);
      slot += field.getSize();
    }
    maker.visitMethodInsn(Opcodes.INVOKESPECIAL, name, "<init>", constructor, false);
    if (single) {
      String type = held.getReturnType().getDescriptor();
      writer.visitField(Opcodes.ACC_STATIC | Opcodes.ACC_FINAL, "IT", type, null, null).visitEnd();
      maker.visitFieldInsn(Opcodes.PUTSTATIC, name, "IT", type);
    }
    end(maker, single ? Opcodes.RETURN : Opcodes.ARETURN);
  }

  private static void method(
      ClassWriter writer,
      String name,
      Type held,
      String called,
      Type erased,
      Handle to,
      Type exact) {
    boolean makes = to.getTag() == Opcodes.H_NEWINVOKESPECIAL;
    boolean isStatic = to.getTag() == Opcodes.H_INVOKESTATIC;
    Type owner = Type.getObjectType(to.getOwner());
    List<Type> wanted = new ArrayList<>();
    if (!makes && !isStatic) {
      wanted.add(owner);
    }
    wanted.addAll(List.of(Type.getArgumentTypes(to.getDesc())));

    MethodVisitor method =
        writer.visitMethod(Opcodes.ACC_PUBLIC, called, erased.getDescriptor(), null, null);
    method.visitCode();
    if (makes) {
      method.visitTypeInsn(Opcodes.NEW, to.getOwner());
      method.visitInsn(Opcodes.DUP);
    }
    int argument = 0;
    for (Type field : held.getArgumentTypes()) {
      method.visitVarInsn(Opcodes.ALOAD, 0);
      method.visitFieldInsn(Opcodes.GETFIELD, name, "held" + argument, field.getDescriptor());
      convert(method, field, field, wanted.get(argument++));
    }
    int slot = 1;
    Type[] given = erased.getArgumentTypes();
    for (int i = 0; i < given.length; i++) {
      method.visitVarInsn(given[i].getOpcode(Opcodes.ILOAD), slot);
      slot += given[i].getSize();
      convert(method, given[i], exact.getArgumentTypes()[i], wanted.get(argument++));
    }
    int call =
        makes
            ? Opcodes.INVOKESPECIAL
            : isStatic
                ? Opcodes.INVOKESTATIC
                : to.isInterface() ? Opcodes.INVOKEINTERFACE : Opcodes.INVOKEVIRTUAL;
    method.visitMethodInsn(call, to.getOwner(), to.getName(), to.getDesc(), to.isInterface());
    Type result = makes ? owner : Type.getReturnType(to.getDesc());
    Type returned = erased.getReturnType();
    if (returned != Type.VOID_TYPE) {
      convert(method, result, result, returned);
    } else if (result != Type.VOID_TYPE) {
      method.visitInsn(result.getSize() == 2 ? Opcodes.POP2 : Opcodes.POP);
    }
    end(method, returned.getOpcode(Opcodes.IRETURN));
  }

  /** Converts what is on the stack, as an assignment does. */
  private static void convert(MethodVisitor method, Type from, Type exact, Type to) {
    if (isPrimitive(from) && isPrimitive(to)) {
      widen(method, from, to);
    } else if (isPrimitive(from)) {
      Box box = BOXES.stream().filter(b -> b.primitive.equals(from)).findFirst().orElseThrow();
      method.visitMethodInsn(
          Opcodes.INVOKESTATIC,
          box.type.getInternalName(),
          "valueOf",
          Type.getMethodDescriptor(box.type, from),
          false);
    } else if (isPrimitive(to)) {
      Box box =
          BOXES.stream()
              .filter(b -> b.type.equals(exact))
              .findFirst()
              .or(() -> BOXES.stream().filter(b -> b.primitive.equals(to)).findFirst())
              .orElseThrow();
      method.visitTypeInsn(Opcodes.CHECKCAST, box.type.getInternalName());
      method.visitMethodInsn(
          Opcodes.INVOKEVIRTUAL,
          box.type.getInternalName(),
          box.unbox,
          Type.getMethodDescriptor(box.primitive),
          false);
      widen(method, box.primitive, to);
    } else if (!to.equals(from) && !to.equals(OBJECT)) {
      method.visitTypeInsn(Opcodes.CHECKCAST, to.getInternalName());
    }
  }

  private static boolean isPrimitive(Type type) {
    return type.getSort() < Type.ARRAY;
  }

  private static void widen(MethodVisitor method, Type from, Type to) {
    if (to.equals(from) || to.getSort() <= Type.INT) {
      return;
    }
    boolean ofLong = from.equals(Type.LONG_TYPE);
    switch (to.getSort()) {
      case Type.LONG -> method.visitInsn(Opcodes.I2L);
      case Type.FLOAT -> method.visitInsn(ofLong ? Opcodes.L2F : Opcodes.I2F);
      default ->
          method.visitInsn(
              ofLong ? Opcodes.L2D : from.equals(Type.FLOAT_TYPE) ? Opcodes.F2D : Opcodes.I2D);
    }
  }

  private static void end(MethodVisitor method, int opcode) {
    method.visitInsn(opcode);
    method.visitMaxs(0, 0);
    method.visitEnd();
  }
}
