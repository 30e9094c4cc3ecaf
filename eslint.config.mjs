import js from '@eslint/js';
import { createNodeResolver, importX } from 'eslint-plugin-import-x';
import tseslint from 'typescript-eslint';
import { importBoundaries } from './scripts/lint/importBoundaries.mjs';

export default tseslint.config(
  { ignores: ['dist', 'node_modules', '.vscode-test', 'test-results', 'test/fixtures'] },
  js.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [...tseslint.configs.strictTypeChecked, ...tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    plugins: { house: { rules: { 'import-boundaries': importBoundaries } }, 'import-x': importX },
    settings: {
      'import-x/resolver-next': [createNodeResolver({ extensions: ['.ts', '.js', '.mjs'] })],
      'import-x/parsers': { '@typescript-eslint/parser': ['.ts'] },
    },
    rules: {
      'house/import-boundaries': 'error',
      'import-x/no-cycle': ['error', { ignoreExternal: true }],
      'max-lines': ['error', { max: 400 }],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      '@typescript-eslint/no-confusing-void-expression': 'off',
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/prefer-readonly': 'error',
    },
  },
  {
    files: ['src/**/*.ts', 'webview-ui/**/*.ts'],
    rules: {
      'no-restricted-syntax': [
        'error',
        {
          selector:
            "CallExpression[callee.property.name='t'][callee.object.name='l10n'][arguments.0.type!='Literal']",
          message: 'A text to translate is one string literal: choose between two calls.',
        },
        {
          selector:
            "CallExpression[callee.property.name='t'][callee.object.property.name='l10n'][arguments.0.type!='Literal']",
          message: 'A text to translate is one string literal: choose between two calls.',
        },
        {
          selector: "CallExpression[callee.property.name='t'][callee.object.name='l10n']:not(:function *)",
          message: 'While modules load, @vscode/l10n does not know the language yet: make this a function.',
        },
      ],
    },
  },
  {
    files: ['test/**/*.ts'],
    rules: { '@typescript-eslint/no-non-null-assertion': 'off', 'max-lines': 'off' },
  },
  {
    files: ['**/*.mjs'],
    languageOptions: {
      globals: Object.fromEntries(
        ['process', 'console', 'Buffer', 'URL', 'fetch', 'setTimeout', 'clearTimeout', 'setInterval']
          .concat([
            'clearInterval',
            'AbortController',
            'AbortSignal',
            'performance',
            'TextDecoder',
            'setImmediate',
          ])
          .map((name) => [name, 'readonly']),
      ),
    },
  },
);
