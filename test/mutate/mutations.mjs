import { parse } from 'acorn'

const SWAPS = {
  '<': ['<=', '>='],
  '<=': ['<', '>'],
  '>': ['>=', '<='],
  '>=': ['>', '<'],
  '===': ['!=='],
  '!==': ['==='],
  '+': ['-'],
  '-': ['+'],
  '*': ['/'],
  '/': ['*'],
  '%': ['*'],
  '&&': ['||'],
  '||': ['&&'],
  '??': ['&&'],
  '+=': ['-='],
  '-=': ['+='],
  '++': ['--'],
  '--': ['++'],
  min: ['max'],
  max: ['min'],
  some: ['every'],
  every: ['some']
}

/**
 * Everything in a compiled file that could be another way: `{ start, end, text }` replaces a range by another text.
 * Operators and comparisons, conditions taken as true or false, constants one larger, statements left out.
 */
export function mutationsOf(source) {
  const found = []
  const replace = (start, end, text) => found.push({ start, end, text })
  visit(parse(source, { ecmaVersion: 'latest', sourceType: 'module' }), (node, parent) => {
    switch (node.type) {
      case 'BinaryExpression':
      case 'LogicalExpression':
      case 'AssignmentExpression':
        if (isText(node.left) || isText(node.right)) return
        return swap(source, node.left.end, node.right.start, node.operator, replace)
      case 'UpdateExpression': {
        const [start, end] = node.prefix ? [node.start, node.start + 2] : [node.end - 2, node.end]
        return swap(source, start, end, node.operator, replace)
      }
      case 'UnaryExpression':
        if (node.operator === '!') replace(node.start, node.argument.start, '')
        return
      case 'IfStatement':
      case 'ConditionalExpression':
        replace(node.test.start, node.test.end, 'true')
        return replace(node.test.start, node.test.end, 'false')
      case 'MemberExpression':
        if (node.property.type === 'Identifier' && !node.computed)
          swap(source, node.property.start, node.property.end, node.property.name, replace)
        return
      case 'Literal':
        if (typeof node.value === 'number') replace(node.start, node.end, `${node.value + 1}`)
        else if (typeof node.value === 'boolean') replace(node.start, node.end, String(!node.value))
        return
      case 'ExpressionStatement':
        if (parent.type === 'BlockStatement' && node.expression.type === 'CallExpression')
          if (node.expression.callee.type !== 'Super') replace(node.start, node.end, ';')
        return
      default:
    }
  })
  return found
}

function swap(source, from, to, operator, replace) {
  if (!Object.hasOwn(SWAPS, operator)) return
  const start = source.indexOf(operator, from)
  if (start === -1 || start + operator.length > to) return
  for (const text of SWAPS[operator]) replace(start, start + operator.length, text)
}

/** Texts are for people; what a message says is not decided on. */
function isText(node) {
  return (
    node.type === 'TemplateLiteral' ||
    (node.type === 'Literal' && typeof node.value === 'string' && node.value.includes(' '))
  )
}

function visit(node, look, parent = node) {
  // A message that is thrown is not decision code.
  if (node.type === 'ThrowStatement') return
  look(node, parent)
  for (const value of Object.values(node)) {
    if (Array.isArray(value)) {
      for (const one of value) if (typeof one?.type === 'string') visit(one, look, node)
    } else if (typeof value?.type === 'string') visit(value, look, node)
  }
}
