/* AAPCS64: the callee keeps x19 to x29, the low halves of v8 to v15, and fpcr. x30 has the return address.
 * DWARF numbers v8 to v15 as 72 to 79.
 * A left stack, from its context upwards: x29, x30, x19 to x28, d8 to d15, fpcr, 8 bytes unused. */
#define FRAME 176
#define FPCR 160

	.text

	.globl switch_to
	.hidden switch_to
	.type switch_to, %function
	.p2align 4
switch_to: /* void **from, void *to */
	.cfi_startproc
	hint #34 /* bti c */
	stp x29, x30, [sp, #-FRAME]!
	.cfi_def_cfa_offset FRAME
	.cfi_offset x29, -FRAME
	.cfi_offset x30, -FRAME + 8
	stp x19, x20, [sp, #16]
	.cfi_offset x19, -FRAME + 16
	.cfi_offset x20, -FRAME + 24
	stp x21, x22, [sp, #32]
	.cfi_offset x21, -FRAME + 32
	.cfi_offset x22, -FRAME + 40
	stp x23, x24, [sp, #48]
	.cfi_offset x23, -FRAME + 48
	.cfi_offset x24, -FRAME + 56
	stp x25, x26, [sp, #64]
	.cfi_offset x25, -FRAME + 64
	.cfi_offset x26, -FRAME + 72
	stp x27, x28, [sp, #80]
	.cfi_offset x27, -FRAME + 80
	.cfi_offset x28, -FRAME + 88
	stp d8, d9, [sp, #96]
	.cfi_offset 72, -FRAME + 96
	.cfi_offset 73, -FRAME + 104
	stp d10, d11, [sp, #112]
	.cfi_offset 74, -FRAME + 112
	.cfi_offset 75, -FRAME + 120
	stp d12, d13, [sp, #128]
	.cfi_offset 76, -FRAME + 128
	.cfi_offset 77, -FRAME + 136
	stp d14, d15, [sp, #144]
	.cfi_offset 78, -FRAME + 144
	.cfi_offset 79, -FRAME + 152
	mrs x9, fpcr
	str x9, [sp, #FPCR]
	mov x10, sp
	str x10, [x0]
	mov sp, x1 /* the frame there has the same shape, so the lines above describe it too */
	ldr x10, [sp, #FPCR]
	cmp x9, x10 /* writing fpcr is dear, and it hardly ever differs */
	b.eq 1f
	msr fpcr, x10
1:
	ldp d14, d15, [sp, #144]
	ldp d12, d13, [sp, #128]
	ldp d10, d11, [sp, #112]
	ldp d8, d9, [sp, #96]
	ldp x27, x28, [sp, #80]
	ldp x25, x26, [sp, #64]
	ldp x23, x24, [sp, #48]
	ldp x21, x22, [sp, #32]
	ldp x19, x20, [sp, #16]
	ldp x29, x30, [sp], #FRAME
	.cfi_def_cfa_offset 0
	.cfi_restore x29
	.cfi_restore x30
	ret
	.cfi_endproc
	.size switch_to, . - switch_to

/* The bottom of each stack. The first switch returns into it, with the function in x19. An unwinder looks a return
 * address up one byte before it, hence the nop. */
	.type switch_bottom, %function
	.p2align 4
switch_bottom:
	.cfi_startproc
	.cfi_undefined x30
	nop
2:
	blr x19
	brk #1
	.cfi_endproc
	.size switch_bottom, . - switch_bottom

	.globl switch_make
	.hidden switch_make
	.type switch_make, %function
	.p2align 4
switch_make: /* char *stack, size_t bytes, switch_fn *fn */
	.cfi_startproc
	hint #34 /* bti c */
	add x9, x0, x1
	and x9, x9, #-16
	sub x0, x9, #FRAME
	adr x9, 2b
	stp xzr, x9, [x0] /* a chain of frame pointers ends here */
	stp x2, xzr, [x0, #16]
	stp xzr, xzr, [x0, #32]
	stp xzr, xzr, [x0, #48]
	stp xzr, xzr, [x0, #64]
	stp xzr, xzr, [x0, #80]
	stp xzr, xzr, [x0, #96]
	stp xzr, xzr, [x0, #112]
	stp xzr, xzr, [x0, #128]
	stp xzr, xzr, [x0, #144]
	mrs x9, fpcr
	str x9, [x0, #FPCR]
	ret
	.cfi_endproc
	.size switch_make, . - switch_make

	.section .note.GNU-stack, "", %progbits

/* GNU_PROPERTY_AARCH64_FEATURE_1_AND: BTI. */
	.section .note.gnu.property, "a", %note
	.p2align 3
	.long 4, 16, 5
	.asciz "GNU"
	.long 0xc0000000, 4, 1, 0
