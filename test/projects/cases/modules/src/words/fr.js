export default 'bonjour';
